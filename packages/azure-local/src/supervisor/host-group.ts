// Group of the function hosts of one system: one host on the users' port, or several behind a balancer that has this
// port. It knows the hosts' processes and addresses; what they are started with is given.
//
// host-group.G1  Each host is started again alone, on the port of its first start; the others go on.
// host-group.G2  The group serves once every host of it does.
// host-group.G3  At a stop the balancer takes no more connections, and what is in flight passes through it to the end.
import { PortInUseError } from '../kit/listen';
import { createBalancer, type Balancer } from './balancer';
import { hostName, StartError, type HostName, type HostOptions, type HostUrls } from './processes';
import { SupervisedChild, type ChildSpec, type Launch } from './supervised-child';

/** What is the group's to say of the options of a host. */
export type HostPlace = Pick<HostOptions, 'instance' | 'instances' | 'port' | 'publicUrl'>;

export interface HostGroupParts {
  readonly count: number;
  /** The port of the users; 0 takes a free one. */
  readonly port: number;
  supervision(name: HostName): Pick<ChildSpec<never>, 'name' | 'clock' | 'print' | 'onLost'>;
  launch(place: HostPlace): Launch;
  /** Every host serves for the first time. */
  onServing(api: string): void;
  /** One serves again. */
  onBack(name: HostName, pid: number): void;
}

interface Member {
  readonly name: HostName;
  readonly child: SupervisedChild<HostUrls>;
  serving: { readonly url: string; readonly pid: number } | undefined;
}

export class HostGroup {
  private readonly members: readonly Member[];
  private readonly balancer: Balancer | undefined;
  private publicUrl = '';

  constructor(private readonly parts: HostGroupParts) {
    this.balancer = parts.count > 1 ? createBalancer() : undefined;
    this.members = Array.from({ length: parts.count }, (_, index) => this.member(index + 1));
  }

  /** Takes the port of the users where a balancer has it. @throws StartError when it is taken. */
  async open(): Promise<void> {
    if (this.balancer === undefined) return;
    try {
      this.publicUrl = await this.balancer.listen(this.parts.port);
    } catch (error) {
      throw error instanceof PortInUseError ? new StartError(error.message) : error;
    }
  }

  start(): void {
    for (const { child } of this.members) child.start();
  }

  /** Lets those that were started early begin. */
  begin(environment: NodeJS.ProcessEnv): void {
    for (const { child } of this.members) child.begin(environment);
  }

  /** Idempotent. */
  async stop(graceMs: number): Promise<void> {
    this.balancer?.refuse();
    await Promise.all(this.members.map(({ child }) => child.stop(graceMs)));
    this.balancer?.close();
  }

  /** Ends them at once. */
  kill(): void {
    this.balancer?.close();
    for (const { child } of this.members) child.kill();
  }

  /** Where each listens by itself; one only is known by the address of the users. */
  ownUrls(): Readonly<Partial<Record<HostName, string>>> {
    if (this.balancer === undefined) return {};
    return Object.fromEntries(this.members.map(({ name, serving }) => [name, serving?.url ?? '']));
  }

  pids(): Readonly<Record<HostName, number>> {
    const pids = this.members.map(({ name, serving }) => [name, serving?.pid ?? 0] as const);
    return Object.fromEntries(pids) as Record<HostName, number>;
  }

  /** The address of the users; empty until it is known. */
  get api(): string {
    return this.publicUrl === '' ? (this.members[0]?.serving?.url ?? '') : this.publicUrl;
  }

  private member(instance: number): Member {
    const name = hostName(instance);
    const member: Member = {
      name,
      serving: undefined,
      child: new SupervisedChild({
        ...this.parts.supervision(name),
        launch: () => this.parts.launch(this.placeOf(instance, member)),
        onReady: (urls, pid) => this.noteServing(member, { url: urls.api, pid }),
        onEnd: () => this.balancer?.down(name),
      }),
    };
    return member;
  }

  private placeOf(instance: number, { serving }: Member): HostPlace {
    const { count, port } = this.parts;
    return {
      instance,
      instances: count,
      port: serving === undefined ? (this.balancer === undefined ? port : 0) : portOf(serving.url),
      publicUrl: this.publicUrl,
    };
  }

  private noteServing(member: Member, serving: { readonly url: string; readonly pid: number }): void {
    const isBack = member.serving !== undefined;
    member.serving = serving;
    this.balancer?.up(member.name, portOf(serving.url));
    if (isBack) this.parts.onBack(member.name, serving.pid);
    else if (this.members.every((each) => each.serving !== undefined)) this.parts.onServing(this.api);
  }
}

const portOf = (url: string): number => Number(new URL(url).port);
