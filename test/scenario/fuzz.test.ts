// The short version of `npm run test:fuzz`: inputs of a fixed seed at every door of one system.
import { runCampaign, type CampaignResult } from '../../tools/fuzz/run/campaign';
import { openTargets, TARGET_NAMES } from '../../tools/fuzz/run/open-targets';

const INPUTS = 5_000;
const SEED = 20_261_121;

describe(`${INPUTS} inputs at every interface`, () => {
  let result: CampaignResult;

  beforeAll(async () => {
    result = await runCampaign(openTargets, { inputs: INPUTS, seed: SEED });
  }, 600_000);

  test('are all answered or cut off as they should be', () => {
    expect(result.failures).toEqual([]);
  });

  test('end no process, let memory not grow without bound, and leave in the stores what was taken and nothing else', () => {
    expect(result.problems).toEqual([]);
  });

  test('reach every interface, and some of them are accepted', () => {
    expect(Object.keys(result.sent).sort()).toEqual([...TARGET_NAMES].sort());
    expect(result.orders.http).toBeGreaterThan(0);
    expect(result.orders.messages).toBeGreaterThan(0);
    expect(result.orders.steady).toBeGreaterThan(1);
  });
});
