export type { ArtifactFile, DirectArtifactStore, OpenedArtifact, UploadRequest } from './artifact/artifact-store.js';
export { type LocalArtifactStoreOptions, openLocalArtifactStore } from './artifact/local-artifact-store.js';
export type { ArtifactStore } from './contract/artifact-store.js';
export type { Engine } from './contract/engine.js';
export type * from './contract/inputs.js';
export { DEFAULT_ENGINE_SETTINGS, type EngineSettings } from './contract/settings.js';
export type { Load, Telemetry } from './contract/telemetry.js';
export { type CreateEngine, createEngine, type RunningEngine } from './create-engine.js';
