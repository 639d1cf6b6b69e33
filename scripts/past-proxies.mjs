// Lets requests to this machine bypass a proxy: adds loopback to NO_PROXY. The build puts it before every program but
// the app, so it holds for all that they start, too; jest.config.cjs does the same for tests. HTTP clients differ in
// the spelling they read first, and in whether `*` is a pattern to them: so `*` stays alone in one of the two.
const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];

const listed = ['NO_PROXY', 'no_proxy'].flatMap((name) => (process.env[name] ?? '').split(/[\s,]+/));
const hosts = [...new Set([...listed.filter((host) => host !== ''), ...LOOPBACK])];

process.env.NO_PROXY = hosts.join(',');
process.env.no_proxy = hosts.includes('*') ? '*' : hosts.join(',');
