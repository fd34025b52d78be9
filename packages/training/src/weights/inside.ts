import path from 'node:path';
import { brokenFile } from './weight-file.js';

/** The file that a description names beside itself. @throws GraftError DATA for a name that leads elsewhere. */
export function inside(folder: string, name: unknown, description: string): string {
	if (typeof name === 'string' && name !== '' && !path.isAbsolute(name) && !name.includes('\0')) {
		const file = path.resolve(folder, name);
		if (file.startsWith(path.resolve(folder) + path.sep)) return file;
	}
	throw brokenFile(`It names the file ${JSON.stringify(name)}, which does not lie beside it`, description);
}
