// Preloaded (NODE_OPTIONS=--require) into the host and the platform of a system under test, so that their clocks can
// jump as the clock of a machine does: what the clock says shifts, what a timer measures does not. The shift, per
// process, is in the file that CHAOS_CLOCK_FILE names. It stands in for libfaketime, which few machines have.
const { readFileSync } = require('node:fs');
const path = require('node:path');

const file = process.env.CHAOS_CLOCK_FILE;
const role = path.basename(process.argv[1] ?? '', '.js');
const LOOK_EVERY_MS = 50;

if (file !== undefined && (role === 'host' || role === 'platform')) {
  const MachineDate = Date;
  const machineNow = Date.now.bind(Date);
  let shiftMs = 0;
  const look = () => {
    try {
      shiftMs = JSON.parse(readFileSync(file, 'utf8'))[`${role}Ms`] ?? 0;
    } catch {
      // Not written yet: the clock is the machine's.
    }
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  MachineDate.now = () => machineNow() + shiftMs;
  globalThis.Date = new Proxy(MachineDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now()] : args, newTarget),
    apply: (target) => new target(target.now()).toString(),
  });
}
