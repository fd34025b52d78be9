import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The fences of ARCHITECTURE.md are lint rules. Each test plants one import in an otherwise empty tree that has the
// project's own lint configuration, and asks the linter for its verdict.
const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const biome = path.join(path.dirname(require.resolve('@biomejs/biome/package.json')), 'bin/biome');
let tree: string;

beforeAll(() => {
	tree = mkdtempSync(path.join(os.tmpdir(), 'graft-fences-'));
	for (const file of ['biome.json', '.gitignore']) cpSync(path.join(root, file), path.join(tree, file));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function lint(file: string, code: string): { status: number | null; output: string } {
	const target = path.join(tree, file);
	mkdirSync(path.dirname(target), { recursive: true });
	writeFileSync(target, code);
	const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', file], {
		cwd: tree,
		encoding: 'utf8',
	});
	rmSync(target);
	return { status, output: stdout + stderr };
}
const importing = (name: string) => `import { planted } from '${name}';\nexport const used = planted;\n`;

describe('import fences', () => {
	it.each([
		['packages/domain/src/run/planted.ts', '@graft/database/run', 'noRestrictedImports'],
		['packages/domain/src/run/planted.ts', '@graft/runtime/id', 'noRestrictedImports'],
		['packages/domain/src/run/planted.ts', 'node:fs', 'noNodejsModules'],
		['packages/engine/src/planted.ts', 'typeorm', 'noRestrictedImports'],
		['packages/engine/src/planted.ts', '@graft/training/run', 'noRestrictedImports'],
		['packages/training/src/planted.ts', '@graft/client/node', 'noRestrictedImports'],
		['packages/client/src/planted.ts', '@graft/engine', 'noRestrictedImports'],
		['apps/api/src/run/planted.ts', '@graft/database/connection', 'noRestrictedImports'],
		['apps/api/src/run/planted.ts', 'pg', 'noRestrictedImports'],
		['apps/dashboard/src/planted.ts', '@graft/client/node', 'noRestrictedImports'],
		['apps/dashboard/src/planted.ts', '@apollo/server', 'noRestrictedImports'],
		['apps/trainer/src/planted.ts', '@graft/engine', 'noRestrictedImports'],
		['apps/trainer/src/planted.ts', '@tensorflow/tfjs-core', 'noRestrictedImports'],
		['apps/cli/src/planted.ts', '@graft/training/backend', 'noRestrictedImports'],
		['apps/cli/src/planted.ts', 'react', 'noRestrictedImports'],
	])('refuses %s importing %s', (file, name, rule) => {
		const { status, output } = lint(file, importing(name));
		expect(output).toContain(rule);
		expect(status).not.toBe(0);
	});

	it.each([
		['packages/engine/src/planted.ts', '@graft/domain/run'],
		['packages/database/src/planted.ts', 'typeorm'],
		['apps/api/src/main.ts', '@graft/database/connection'],
		['apps/dashboard/src/planted.ts', '@graft/client/browser'],
		['apps/trainer/src/planted.ts', '@graft/training/run'],
	])('lets %s import %s', (file, name) => {
		expect(lint(file, importing(name))).toMatchObject({ status: 0 });
	});

	it('keeps the environment in env.ts', () => {
		const code = 'export const port = process.env.GRAFT_PORT;\n';
		expect(lint('apps/api/src/server.ts', code).output).toContain('noProcessEnv');
		expect(lint('apps/api/src/env.ts', code).status).toBe(0);
	});

	it('refuses a cycle', () => {
		const folder = path.join(tree, 'packages/domain/src/cycle');
		mkdirSync(folder, { recursive: true });
		writeFileSync(path.join(folder, 'b.ts'), "import { a } from './a.js';\nexport const b = () => a;\n");
		const { status, output } = lint(
			'packages/domain/src/cycle/a.ts',
			"import { b } from './b.js';\nexport const a = () => b;\n",
		);
		expect(output).toContain('noImportCycles');
		expect(status).not.toBe(0);
	});
});
