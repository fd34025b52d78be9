/** What went wrong in a build of the addon, in one sentence, from the log of npm and node-gyp. */
export function explainBuildLog(log: string): string {
	for (const [pattern, says] of CAUSES) if (pattern.test(log)) return says;
	const compiler = /^.*\berror: .*$/m.exec(log)?.[0];
	return compiler ? `The compiler says: ${compiler.trim()}` : 'The build failed.';
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
	[
		/gyp ERR! stack.*node-gyp.lib.(install|download)\.js/,
		"Node's headers could not be downloaded. Where they are installed, name the folder that holds include/node: npm_config_nodedir=/usr.",
	],
	[
		/npm (error|ERR!).*(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|E40[0-9]|ENOTCACHED)/,
		'The sources of @tensorflow/tfjs-node could not be downloaded from the npm registry.',
	],
	[/No space left on device|ENOSPC/, 'The disk is full.'],
	[/gyp ERR! find Python/, 'node-gyp found no Python for itself; it needs 3.8 or newer as `python3`.'],
];
