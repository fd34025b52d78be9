import type { Engine } from '@graft/engine';
import { byIdLoader } from '../context/by-id.js';

export const datasetLoader = (engine: Engine) => byIdLoader((ids) => engine.datasetsByIds(ids));
