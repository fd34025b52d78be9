export type { Checkpoint, CheckpointOrigin } from './checkpoint.js';
export { readCheckpoint, writeCheckpoint } from './checkpoint-file.js';
