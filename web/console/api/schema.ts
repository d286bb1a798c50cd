// Stands in until `npm run types` writes this file from the server's OpenAPI document.
export type paths = any;
export type components = { schemas: Record<string, any> };
