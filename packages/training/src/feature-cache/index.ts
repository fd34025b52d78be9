export type { CacheOpen, CacheRead, CacheStream, CacheWrite, FeatureCache, KeptNumbers } from './feature-cache.js';
export { type FeatureCacheOptions, openFeatureCache } from './open-feature-cache.js';
