// Types of the events of a return. They stand in the stream of the order that the return belongs to, so that one etag guards
// what is refunded over the order and its returns together (S16).
import type { Failure, StepRecord } from './step-records';

/** One product of a return, at the price of its order. */
export interface ReturnedLine {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

/** What an inspection found of one product; what it says nothing of was not accepted. */
export interface InspectedLine {
  readonly productId: string;
  /** Pieces whose price is given back. */
  readonly accepted: number;
  /** Pieces among the accepted ones that do not go back on the shelf. */
  readonly damaged: number;
}

/** What is given back of one charge; `charge` is the entry that made it (`ProcessPayment`, `ProcessPayment:2`). */
export interface RefundPart {
  readonly charge: string;
  readonly amountMinor: number;
}

/** A return is told by its number, from 1 on in the order of the requests. */
interface OfReturn {
  readonly returnNumber: number;
}

/** Payload by event type. */
export interface ReturnEventData {
  ReturnRequested: OfReturn & {
    readonly definitionVersion: number;
    readonly lines: readonly ReturnedLine[];
    readonly reason: string;
    readonly requestedBy: string;
    /** The idempotency key of the request, and a hash of its body: the same key with another body is refused. */
    readonly requestKey: string | null;
    readonly requestHash: string;
  };
  ReturnAuthorised: OfReturn & StepRecord & { readonly parcelDueAt: string };
  /** Of a rejected return: a late parcel. */
  ReturnReceived: OfReturn & { readonly receivedBy: string };
  /** The return's pivot: from here on it goes forward, with the amounts that are fixed here (one key, one amount). */
  ReturnInspected: OfReturn & {
    readonly inspectedBy: string;
    readonly lines: readonly InspectedLine[];
    readonly amountMinor: number;
    /** Last charged first; together `amountMinor`. */
    readonly refunds: readonly RefundPart[];
  };
  ReturnRefunded: OfReturn & StepRecord & RefundPart & { readonly refundId: string };
  ReturnRestocked: OfReturn & StepRecord & { readonly quantity: number };
  ReturnRejected: OfReturn & Failure;
  ReturnClosed: OfReturn & {
    /** Whether an operator is still asked about the order or another return of it. */
    readonly asksOperator: boolean;
  };
}
