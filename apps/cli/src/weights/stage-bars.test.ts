import { expect, it } from 'vitest';
import { barLine } from './stage-bars.js';

it('draws how far a stage is', () => {
	expect(barLine('import', 0, 2e6)).toBe(`import    ${'░'.repeat(32)}  0.0 of 2.0 MB`);
	expect(barLine('download', 1e6, 2e6)).toBe(`download  ${'█'.repeat(16)}${'░'.repeat(16)}  1.0 of 2.0 MB`);
	expect(barLine('upload', 1.5e9, 1.5e9)).toBe(`upload    ${'█'.repeat(32)}  1,500.0 of 1,500.0 MB`);
});
