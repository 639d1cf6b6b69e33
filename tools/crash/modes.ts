// Modes in which the matrix plays orders (S17).

export const SAGA_MODES = ['orchestration', 'choreography'] as const;
export type SagaMode = (typeof SAGA_MODES)[number];
