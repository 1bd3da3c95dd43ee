import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { IS_PUBLIC, REQUIRED_PERMISSIONS } from './permissions';

/** Refuses to start with a route that nobody decided who may call. */
@Injectable()
export class RouteRules implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    for (const { instance, metatype } of this.discovery.getControllers()) {
      if (!metatype) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<
        string,
        (...parameters: unknown[]) => unknown
      >;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (!handler || Reflect.getMetadata(PATH_METADATA, handler) === undefined) continue;
        const targets = [handler, metatype];
        const isDecided =
          this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, targets) ||
          this.reflector.getAllAndOverride<string[]>(REQUIRED_PERMISSIONS, targets);
        if (!isDecided) throw new Error(`${metatype.name}.${name} needs @RequirePermission(…) or @Public()`);
      }
    }
  }
}
