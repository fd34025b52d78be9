import { createHash } from 'node:crypto';
import { GraftError } from '@graft/domain/error';
import type { GraftClient } from '../transport/client.js';
import { unavailable } from '../transport/failure.js';
import { transfer } from './transfer.js';

/**
 * Bytes of an artifact by their digest, from the API or from the object store that it sends us on to.
 * @throws GraftError DATA where the API does not have them, or its bytes do not match the digest: asking again would bring
 * the same. UNAVAILABLE where it, or the way to it, fails; a transfer that was cut short is that, too.
 */
export async function downloadArtifact(client: GraftClient, digest: string, signal?: AbortSignal): Promise<Uint8Array> {
	const url = `${client.url}/artifacts/${digest}`;
	const { status, bytes } = await transfer(url, url, { method: 'GET' }, signal);
	if (status === 404) throw new GraftError('DATA', `The store of ${client.url} has no artifact ${digest}.`, { digest });
	if (status !== 200) throw unavailable(url, `status ${status}`);
	if (createHash('sha256').update(bytes).digest('hex') !== digest) {
		throw new GraftError('DATA', `The bytes of artifact ${digest} from ${client.url} do not match their digest.`, {
			digest,
		});
	}
	return bytes;
}
