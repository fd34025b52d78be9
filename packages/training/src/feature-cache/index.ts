export type { CacheRead, CacheWrite, FeatureCache } from './feature-cache.js';
export { type FeatureCacheOptions, openFeatureCache } from './open-feature-cache.js';
