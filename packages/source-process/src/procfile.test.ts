import { describe, expect, it } from '@jest/globals';

import { parseFormation, parseProcfile } from './procfile.ts';

describe('a Procfile', () => {
  it('names a service and its command on each line, comments and empty lines aside', () => {
    const text = '# what we run\nweb: node web.js --port $PORT\r\n\n  worker :  sh -c "a: b"  \nrelease_1.x:true\n';
    expect(parseProcfile(text)).toEqual([
      { serviceId: 'web', command: 'node web.js --port $PORT' },
      { serviceId: 'worker', command: 'sh -c "a: b"' },
      { serviceId: 'release_1.x', command: 'true' },
    ]);
  });

  it.each([
    { text: '', details: [{ field: 'Procfile', message: 'names no process' }] },
    { text: '# nothing\n', details: [{ field: 'Procfile', message: 'names no process' }] },
    { text: 'web\n', details: [{ field: 'Procfile:1', message: 'must be `name: command`' }] },
    { text: 'web: a\n\nmy web: b\n', details: [{ field: 'Procfile:3', message: 'must be `name: command`' }] },
    { text: 'web:\n', details: [{ field: 'Procfile:1', message: 'web has no command' }] },
    { text: 'web: a\nweb: b\n', details: [{ field: 'Procfile:2', message: 'web is there twice' }] },
    {
      text: '-web: a\n: b\n',
      details: [
        { field: 'Procfile:1', message: '"-web" must be 1 to 128 letters, digits, dots, dashes or underscores' },
        { field: 'Procfile:2', message: 'must be `name: command`' },
      ],
    },
  ])('like $text is refused, each mistake with its line', ({ text, details }) => {
    expect(() => parseProcfile(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', details }));
  });
});

describe('a formation', () => {
  const types = parseProcfile('web: a\nworker: b\n');

  it.each([
    { formation: '', web: 1, worker: 1 },
    { formation: 'web=3', web: 3, worker: 1 },
    { formation: ' web = 0 , worker=2,', web: 0, worker: 2 },
  ])('of "$formation" means $web web and $worker worker', ({ formation, web, worker }) => {
    expect(Object.fromEntries(parseFormation(formation, types))).toEqual({ web, worker });
  });

  it.each([
    { formation: 'webb=3', message: 'the Procfile has no webb; it has web, worker' },
    { formation: 'web', message: 'must be like web=3,worker=1' },
    { formation: 'web=-1', message: 'must be like web=3,worker=1' },
    { formation: 'web=1000', message: 'web=1000 is more than 100' },
  ])('of "$formation" is refused', ({ formation, message }) => {
    const details = [{ field: 'formation', message }];
    expect(() => parseFormation(formation, types)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', details }),
    );
  });
});
