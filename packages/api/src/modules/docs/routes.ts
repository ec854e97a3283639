import { RequestMethod } from '@nestjs/common';
import type { PipeTransform, Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { z } from 'zod';

import { DESCRIPTION } from '../../http/described.ts';
import type { Description } from '../../http/described.ts';

/** A value that a request brings, and the schema that it is checked against. */
export interface Given {
  /** Its name; absent for the whole query or the whole body. */
  readonly name?: string | undefined;
  /** Undefined where the handler takes it as it is. */
  readonly schema: z.ZodType | undefined;
}

/** A route as its controller declares it: what it takes is what the pipes of its handler check. */
export interface Route {
  /** Lower case. */
  readonly method: string;
  /** With its parameters as OpenAPI writes them: `/api/streams/{stream}`. */
  readonly path: string;
  /** Status of the answer where all is well. */
  readonly status: number;
  /** `Streams.read`. */
  readonly handler: string;
  readonly parameters: readonly Given[];
  readonly headers: readonly Given[];
  readonly query: Given | undefined;
  readonly body: Given | undefined;
  /** Undefined where somebody has yet to give it one. */
  readonly description: Description | undefined;
}

type Pipe = Type<PipeTransform> | PipeTransform;
type Argument = { readonly data?: unknown; readonly pipes: readonly Pipe[] };

/** The routes of a controller. */
export function routesOf(controller: Type): Route[] {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
    const given = argumentsOf(controller, name);
    const description = Reflect.getMetadata(DESCRIPTION, handler) as Description | undefined;
    const status = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
    return [Reflect.getMetadata(PATH_METADATA, handler) as string | string[]].flat().map((path) => ({
      method: method.toLowerCase(),
      path: openApiPath(`${Reflect.getMetadata(PATH_METADATA, controller) as string}/${path}`),
      status: status ?? (method === 'POST' ? 201 : 200),
      handler: `${controller.name.replace(/Controller$/, '')}.${name}`,
      parameters: given(RouteParamtypes.PARAM),
      headers: given(RouteParamtypes.HEADERS),
      query: given(RouteParamtypes.QUERY)[0],
      body: given(RouteParamtypes.BODY)[0],
      description,
    }));
  });
}

function argumentsOf(controller: Type, handler: string): (type: RouteParamtypes) => Given[] {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<string, Argument>;
  return (type) =>
    Object.entries(all)
      .filter(([key]) => key.startsWith(`${type}:`))
      .map(([, { data, pipes }]) => ({
        ...(typeof data === 'string' && { name: data }),
        schema: pipes.map(schemaOf).find((schema) => schema !== undefined),
      }));
}

/** Pipes of ours that check against a schema say which one. */
function schemaOf(pipe: Pipe): z.ZodType | undefined {
  const { schema } = (typeof pipe === 'function' ? new pipe() : pipe) as { schema?: z.ZodType };
  return schema;
}

/** `//api/streams/:stream/` as `/api/streams/{stream}`. */
function openApiPath(path: string): string {
  return `/${path}`
    .replace(/\/+/g, '/')
    .replace(/(?<=.)\/$/, '')
    .replace(/:(\w+)/g, '{$1}');
}
