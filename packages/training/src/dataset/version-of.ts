import { createHash } from 'node:crypto';
import { canonicalJson } from '@graft/domain/json';

/** sha256 over the content, how it is read, and every option, defaults too. */
export const versionOf = (digest: string, format: string, options: object): string =>
	createHash('sha256')
		.update(canonicalJson([digest, format, options]))
		.digest('hex');
