// Folder of the compiled code of the programs and the app: beside the programs, and so gone with the next build.
import path from 'node:path';

export const CODE_FOLDER = path.join(__dirname, '.code');
