import { type Architecture, findArchitecture, summarizeBackbone } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { ArchitectureType } from './backbone.type.js';

const described = new Map<string, ArchitectureType>();

/** Counted for the architecture's own input; a backbone counts for the input that it was registered with. */
export function describeArchitecture(architecture: Architecture): ArchitectureType {
	const { name, family, modality, canDownload, groups, defaultInput } = architecture;
	const known = described.get(name);
	if (known) return known;
	const description = {
		name,
		family,
		modality,
		canDownload,
		layerGroups: groups.map((group) => group.name),
		parameterCount: summarizeBackbone(architecture, defaultInput).parameterCount,
	};
	described.set(name, description);
	return description;
}

export function architectureNamed(name: string): ArchitectureType {
	const architecture = findArchitecture(name);
	if (architecture) return describeArchitecture(architecture);
	throw new GraftError('DATA', `This version of Graft does not know the architecture ${name}.`);
}
