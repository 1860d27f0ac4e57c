/**
 * Guest code, part of every firmware bundle: freezes what the linker's preload freezes, so that a program which would
 * fail on the device fails here. Plain objects and arrays stay mutable, as on the device. Not reproduced: private
 * static fields and the contents of typed arrays, which are read-only there.
 */

const MAP_CHANGES: readonly string[] = Object.freeze(["set", "delete", "clear"]);
const SET_CHANGES: readonly string[] = Object.freeze(["add", "delete", "clear"]);

/**
 * Freezes classes with prototypes and statics, Maps and Sets that can be reached from the values of a module's scope.
 */
export function freezeAsPreload(values: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const value of values) visit(value, seen);
}

function visit(value: unknown, seen: Set<unknown>): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  if (typeof value === "function") {
    if (isClass(value)) freezeClass(value, seen);
  } else if (value instanceof Map) {
    for (const item of value.values()) visit(item, seen);
    refuse(value, MAP_CHANGES, "Map");
  } else if (value instanceof Set) {
    for (const item of value) visit(item, seen);
    refuse(value, SET_CHANGES, "Set");
  } else if (isPlain(value)) {
    for (const item of Object.values(value)) visit(item, seen);
  }
}

/** The prototype of a class, unlike that of a function, cannot be replaced. */
function isClass(value: object): boolean {
  return Reflect.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

function freezeClass(value: object, seen: Set<unknown>): void {
  for (const key of Reflect.ownKeys(value)) {
    const field: unknown = Reflect.getOwnPropertyDescriptor(value, key)?.value;
    if (key === "prototype" && typeof field === "object" && field !== null) Object.freeze(field);
    else visit(field, seen);
  }
  Object.freeze(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

function refuse(collection: object, methods: readonly string[], kind: string): void {
  for (const name of methods) {
    Object.defineProperty(collection, name, {
      value: () => {
        throw new TypeError(`${name}: read-only ${kind} of a preloaded module`);
      },
    });
  }
  Object.freeze(collection);
}
