// Every target, opened on one system. The order is the one of the reports.
import type { OpenTargets } from './campaign';
import { postTarget } from '../targets/post';

export const TARGET_NAMES = ['post'] as const;

export const openTargets: OpenTargets = ({ urls }, tally) => {
  const targets = [postTarget(urls.api, tally)];
  return Promise.resolve({ targets, close: () => Promise.resolve() });
};
