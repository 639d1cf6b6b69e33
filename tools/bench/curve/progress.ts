// Progress of the curve on the terminal; pictures and figures go to files.

export const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
