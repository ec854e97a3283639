/** From the least to the most severe. A module of its own: in a browser, whoever asks for levels needs no validator. */
export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
