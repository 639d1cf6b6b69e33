// Orchestrators beside those of app.cjs: what the Durable extension 3.19.0 answers where it differs from 3.14.1.
const df = require('durable-functions');
const O = (n, f) => df.app.orchestration(n, f);
const runs = {};
/** True on the first run of an instance of this process. */
const first = (c) => { const k = c.df.instanceId; runs[k] = (runs[k] || 0) + 1; return runs[k] === 1; };
const soon = (c) => c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 500));
const counter = (c) => new df.EntityId('counter', c.df.instanceId);
const ASKS = {
  Activity: (c) => c.df.callActivity('say', 'A'),
  Timer: soon,
  Sub: (c) => c.df.callSubOrchestrator('child', 'kid'),
  Entity: (c) => c.df.callEntity(counter(c), 'get'),
  Http: (c) => c.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:7171/api/hello' }),
};
for (const [a, before] of Object.entries(ASKS)) {
  for (const [b, after] of Object.entries(ASKS)) if (a !== b) O(`nondet${a}${b}`, function* (c) { yield (first(c) ? before : after)(c); return 'end'; });
  O(`nondet${a}None`, function* (c) { if (first(c)) yield before(c); return 'end'; });
  O(`nondet${a}Event`, function* (c) { if (first(c)) yield before(c); else yield c.df.waitForExternalEvent('Go'); return 'end'; });
}
O('nondetSubName', function* (c) { yield c.df.callSubOrchestrator(first(c) ? 'child' : 'childFail', 'kid'); return 'end'; });
O('nondetEntityName', function* (c) { yield c.df.callEntity(first(c) ? counter(c) : new df.EntityId('counter', 'other'), 'get'); return 'end'; });
O('throwsNumber', function* () { throw 7; });
O('throwsNothing', function* () { throw undefined; });
O('throwsStringAfter', function* (c) { yield c.df.callActivity('say', 'x'); c.df.setCustomStatus('about to throw'); throw 'late string'; });
O('subThrowsString', function* (c) { return yield c.df.callSubOrchestrator('throwsString', 1); });
O('subThrowsStringCaught', function* (c) { try { return yield c.df.callSubOrchestrator('throwsString', 1); } catch (e) { return { name: e.name, message: e.message }; } });
O('failObjCaught', function* (c) { try { yield c.df.callActivity('failObj', 'x'); } catch (e) { return { name: e.name, message: e.message }; } });

O('subFailTwice', function* (c) { return yield c.df.callSubOrchestratorWithRetry('childFail', new df.RetryOptions(200, 2), 1); });
