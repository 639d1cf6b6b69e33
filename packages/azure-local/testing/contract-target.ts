// Decides what the contract suites connect to: the look-alikes in their own process or, by the variable AZURE_EMULATORS,
// other servers, such as the official emulators of docker-compose.yml. Facts that cannot be asked of those are declared
// with `lookAlikeOnly`, whose reason stands in the title of the skipped test.

/** Where other servers listen; what is missing is asked of the look-alike. */
export interface ContractTarget {
  /** `https://host:port` of the Cosmos DB emulator. */
  readonly cosmos?: string;
  /** `host:port` of the AMQP port of the Service Bus emulator. */
  readonly servicebus?: string;
  /** `host:port` of its management API, by which the suites create their queues and topics. */
  readonly management?: string;
}

/** The ports of docker-compose.yml. */
const OFFICIAL: ContractTarget = {
  cosmos: 'https://127.0.0.1:8081',
  servicebus: '127.0.0.1:5672',
  management: '127.0.0.1:5300',
};

const PARTS = ['cosmos', 'servicebus', 'management'];

/** Reads `1`, or `cosmos=https://host:port,servicebus=host:port,management=host:port`, each part optional. */
export function parseTarget(text: string | undefined): ContractTarget {
  if (text === undefined || text === '' || text === '0') return {};
  if (text === '1') return OFFICIAL;
  const parts = text.split(',').map((part): [string, string] => {
    const [name = '', address = ''] = part.split(/=(.*)/);
    if (!PARTS.includes(name) || address === '')
      throw new Error(
        `AZURE_EMULATORS: '${part}' is none of ${PARTS.join('=…, ')}=…; 1 stands for the ports of compose`,
      );
    return [name, address];
  });
  const target: ContractTarget = Object.fromEntries(parts);
  if ((target.servicebus === undefined) !== (target.management === undefined))
    throw new Error('AZURE_EMULATORS: servicebus and management go together');
  return target;
}

export const target = parseTarget(process.env['AZURE_EMULATORS']);

/** Why a fact is not asked of an emulator. */
export const REASONS = {
  clock: 'the time of an emulator cannot be moved',
  disk: 'the files of an emulator cannot be copied, nor its process ended',
  texts: 'the words of the refusal are those of the look-alike',
  inside: 'it looks into the look-alike',
  refusals: 'an emulator may well do what the look-alike refuses by name',
} as const;

type Reason = keyof typeof REASONS;

/** What declares a fact, alone or by a table. */
type Declare = Pick<jest.It, 'each'> & ((title: string, fact: jest.ProvidesCallback) => void);

const only =
  (part: keyof ContractTarget) =>
  (reason: Reason): Declare =>
    declare(target[part] !== undefined, reason);

/** `test`, or where another server is asked, a skipped test that says why. */
export function declare(isElsewhere: boolean, reason: Reason): Declare {
  if (!isElsewhere) return test;
  const said = (title: string): string => `${title} (not asked of an emulator: ${REASONS[reason]})`;
  const each = ((table: readonly unknown[]) => (title: string, fact: () => void) => {
    test.skip.each(table)(said(title), fact);
  }) as unknown as jest.Each;
  return Object.assign(
    (title: string, fact: jest.ProvidesCallback) => {
      test.skip(said(title), fact);
    },
    { each },
  );
}

/** `test` for a fact about Cosmos DB that only the look-alike can be asked. */
export const cosmosLookAlikeOnly = only('cosmos');

/** `test` for a fact about Service Bus that only the look-alike can be asked. */
export const serviceBusLookAlikeOnly = only('servicebus');

/** For a part of a fixture that another server does not have. */
export function notThere(part: string): never {
  throw new Error(`An emulator has no ${part}: declare the fact as one for the look-alike only.`);
}
