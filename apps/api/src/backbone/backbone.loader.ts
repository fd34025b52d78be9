import type { Engine } from '@graft/engine';
import { byIdLoader } from '../context/by-id.js';

export const backboneLoader = (engine: Engine) => byIdLoader((ids) => engine.backbonesByIds(ids));
