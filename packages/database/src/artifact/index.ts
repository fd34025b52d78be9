export { findArtifactsByRuns, findLatestArtifact, insertArtifact, insertBlob } from './artifact.repository.js';
export { dropArtifacts, dropArtifactsByDigest, dropOrphanBlobs, dropReplacedArtifacts } from './drop-artifacts.sql.js';
