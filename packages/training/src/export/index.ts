export { type Exported, type ExportRequest, exportRun } from './export-run.js';
export { EXPORT_FORMATS, type ExportFormat } from './exported-model.js';
export type { RunFacts } from './provenance.js';
