// Query plan: the answer to what a client asks before a query across partitions, namely which partition key ranges to
// query and how to merge their answers. The .NET client on Linux asks before each such query, the JavaScript client
// beside it.
//
// query-plan.P1  There is one partition key range, and its answer to the query as it was sent is the whole answer, in order and with
//     its aggregates. So every plan is the same: that range, nothing to rewrite, nothing to merge.
import { REFUSED_CHARGE } from './charge';
import type { Container } from './container';
import { parseQueryBody } from './feed-routes';
import type { Reply } from './message';
import { KEY_SPACE } from './resource-routes';

const PLAN = JSON.stringify({
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: {
    distinctType: 'None',
    top: null,
    offset: null,
    limit: null,
    orderBy: [],
    orderByExpressions: [],
    groupByExpressions: [],
    groupByAliases: [],
    aggregates: [],
    groupByAliasToAggregateType: {},
    rewrittenQuery: '',
    hasSelectValue: false,
    hasNonStreamingOrderBy: false,
  },
  queryRanges: [{ min: KEY_SPACE.start, max: KEY_SPACE.end, isMinInclusive: true, isMaxInclusive: false }],
});

/** The plan of the query in `body`. @throws CosmosError (400) for a text that is no query, as the query itself does. */
export function queryPlanRoute(container: Container, body: string): Reply {
  parseQueryBody(body);
  return { status: 200, body: PLAN, charge: REFUSED_CHARGE, container };
}
