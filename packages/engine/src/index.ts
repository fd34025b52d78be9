export type {
	Admitted,
	DirectArtifactStore,
	RemoteArtifactStore,
	ServedArtifactStore,
	UploadRequest,
} from './artifact/artifact-store.js';
export { type LocalArtifactStoreOptions, openLocalArtifactStore } from './artifact/local-artifact-store.js';
export { openS3ArtifactStore, type S3ArtifactStoreOptions } from './artifact/s3/s3-artifact-store.js';
export { probeS3Store, type S3Abilities } from './artifact/s3/s3-probe.js';
export type { S3Bucket } from './artifact/s3/s3-request.js';
export { readBackup } from './backup/read-backup.js';
export { type BackedUp, writeBackup } from './backup/write-backup.js';
export type { ArtifactFile, ArtifactStore, OpenedArtifact, UploadFile, UploadPart } from './contract/artifact-store.js';
export type { Engine, LeaseAnswer } from './contract/engine.js';
export type * from './contract/inputs.js';
export { DEFAULT_ENGINE_SETTINGS, type EngineSettings } from './contract/settings.js';
export type { Load, Telemetry } from './contract/telemetry.js';
export { type CreateEngine, createEngine, type RunningEngine } from './create-engine.js';
