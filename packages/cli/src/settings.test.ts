import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { saveLogin } from './login-file.ts';
import { loginPath, printedPath } from './paths.ts';
import { Printed } from './printed.ts';
import { findProject, linkProject } from './project-file.ts';
import { serviceName } from './service-name.ts';
import { settingsOf } from './settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubidu-test-cli-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the server and the token', () => {
  const login = 'http://logged.in:1';

  it.each([
    ['nothing', {}, {}, false, 'http://127.0.0.1:3000'],
    ['a login', {}, {}, true, login],
    ['KUBIDU_SERVER before a login', {}, { KUBIDU_SERVER: 'http://env:1/' }, true, 'http://env:1'],
    [
      'a flag before all',
      { server: 'https://flag/base/' },
      { KUBIDU_SERVER: 'http://env:1' },
      true,
      'https://flag/base',
    ],
    ['an empty variable as none', {}, { KUBIDU_SERVER: '' }, false, 'http://127.0.0.1:3000'],
  ])('come from %s', (_name, flags, variables, loggedIn, server) => {
    const env = { XDG_CONFIG_HOME: folder, ...variables };
    if (loggedIn) saveLogin(loginPath(env), login, 'secret');
    expect(settingsOf(flags, env).server).toBe(server);
  });

  it('of a login go to that server only', () => {
    const env = { XDG_CONFIG_HOME: folder };
    saveLogin(loginPath(env), login, 'secret');
    expect(settingsOf({ server: 'http://other' }, env).token).toBeUndefined();
    const { token } = settingsOf({}, env);
    expect(typeof token === 'function' ? token() : token).toBe('secret');
  });

  it('are renewed by a login while a command runs', () => {
    const env = { XDG_CONFIG_HOME: folder };
    saveLogin(loginPath(env), login, 'old');
    const { token } = settingsOf({}, env);
    saveLogin(loginPath(env), login, 'new');
    expect(typeof token === 'function' ? token() : token).toBe('new');
  });

  it('are kept for the user only', () => {
    const env = { XDG_CONFIG_HOME: folder };
    saveLogin(loginPath(env), login, 'secret');
    saveLogin(loginPath(env), 'http://second', 'other');
    expect(statSync(loginPath(env)).mode & 0o777).toBe(0o600);
  });

  it.each(['ftp://x', 'localhost:3000', 'x y', '//x'])('are refused when the address is %j', (server) => {
    expect(() => settingsOf({ server }, { XDG_CONFIG_HOME: folder })).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it.each(['two words', 'line\nline', 'ünicode'])('are refused when the token is %j', (token) => {
    expect(() => settingsOf({ token }, { XDG_CONFIG_HOME: folder })).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('the service', () => {
  it('is the argument, then KUBIDU_SERVICE, then the nearest .kubidu.json upward', () => {
    const deep = join(folder, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    linkProject(folder, 'linked');
    const env = { KUBIDU_SERVICE: 'from-env' };
    expect(serviceName('named', env, deep)).toBe('named');
    expect(serviceName(undefined, env, deep)).toBe('from-env');
    expect(serviceName(undefined, { KUBIDU_SERVICE: '' }, deep)).toBe('linked');
    linkProject(join(folder, 'a'), 'nearer');
    expect(serviceName(undefined, {}, deep)).toBe('nearer');
  });

  it.each(['-x', 'a b', 'runtime:web', '', '../x', 'x'.repeat(129)])('is refused when it is %j', (service) => {
    expect(() => serviceName(service, {}, folder)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it.each(['{', '[]', '{"service":3}', '{}'])('is refused when .kubidu.json is %s', (text) => {
    writeFileSync(join(folder, '.kubidu.json'), text);
    expect(() => serviceName(undefined, {}, folder)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('is linked without touching what else .kubidu.json holds', () => {
    writeFileSync(join(folder, '.kubidu.json'), '{"service":"old","mine":[1]}');
    linkProject(folder, 'new');
    expect(findProject(folder)).toEqual({ path: join(folder, '.kubidu.json'), service: 'new' });
    expect(serviceName(undefined, {}, folder)).toBe('new');
  });
});

describe('what was printed', () => {
  it('is remembered by server and stream, and does not move back', () => {
    const path = printedPath({ XDG_STATE_HOME: folder }, 'http://a:1', 'runtime:web');
    const first = new Printed(path);
    expect(first.before).toBe(0);
    first.through(10);
    first.save();
    const second = new Printed(path);
    expect(second.before).toBe(10);
    second.through(5);
    second.save(20);
    expect(new Printed(path).before).toBe(10);
    expect(new Printed(printedPath({ XDG_STATE_HOME: folder }, 'http://b:1', 'runtime:web')).before).toBe(0);
  });

  it('starts over with a stream that is shorter than what was printed', () => {
    const path = printedPath({ XDG_STATE_HOME: folder }, 'http://a:1', 'runtime:web');
    const first = new Printed(path);
    first.through(1_000);
    first.save();
    const second = new Printed(path);
    second.through(7);
    second.save(7);
    expect(new Printed(path).before).toBe(7);
  });

  it('is written every few seconds, and a failure is kept for the end', () => {
    let now = 0;
    const path = join(folder, 'printed.json');
    const printed = new Printed(path, () => now);
    printed.through(1);
    expect(new Printed(path).before).toBe(0);
    now = 6_000;
    printed.through(2);
    expect(new Printed(path).before).toBe(2);
    const nowhere = new Printed(join(folder, 'printed.json', 'below-a-file.json'));
    nowhere.through(1);
    nowhere.save();
    expect(nowhere.failure).toBeDefined();
  });
});
