export { type Proxies, proxyFetch } from './proxy-fetch.js';
export { type PulledWeights, type PullRequest, pullWeights } from './pull-weights.js';
