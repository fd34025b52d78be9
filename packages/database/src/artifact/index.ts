export {
	findArtifactsByRuns,
	findLatestArtifact,
	insertArtifact,
	insertBlob,
	insertFencedBlob,
} from './artifact.repository.js';
export { removeOrphans } from './claim-orphans.sql.js';
export {
	dropArtifacts,
	dropArtifactsByDigest,
	dropOrphanBlobs,
	dropReplacedArtifacts,
	findLeftBlobs,
} from './drop-artifacts.sql.js';
