// What the first picture needs, as the build sees it.
import type { Plugin, Rolldown } from "vite";

interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

/** The kit is reached through one file that names all of it: what of it is used is for the bundler to say. */
const KIT = /node_modules\/(element-plus|@element-plus|lodash|lodash-es|lodash-unified|@vueuse)\//;

/** The modules that some need before they run: what they import, not what they ask for later. */
export function closure(from: string[], graph: Graph): Set<string> {
  const seen = new Set<string>();
  const add = (id: string) => {
    if (seen.has(id) || KIT.test(id)) return;
    seen.add(id);
    for (const next of graph.getModuleInfo(id)?.importedIds ?? []) add(next);
  };
  for (const id of from) add(id);
  return seen;
}

/** One file of the build for all that these files of console/ need; what a group of higher priority has is in that one. */
export function together(name: string, priority: number, ...files: string[]) {
  let ids: Set<string> | undefined;
  return {
    debugName: name,
    priority,
    name(id: string, graph: Graph): string | null {
      ids ??= closure(
        files.map((file) => new URL(`../console/${file}`, import.meta.url).pathname),
        graph,
      );
      return ids.has(id) ? name : null;
    },
  };
}

/** Names main.ts's files in the page itself: a browser fetches them together with boot.ts, not after it. */
export function head(): Plugin {
  return {
    name: "linli-head",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((c): c is Rolldown.OutputChunk => c.type === "chunk");
        const main = chunks.find((c) => c.moduleIds.some((id) => id.endsWith("/console/main.ts")));
        const entry = chunks.find((c) => c.isEntry);
        if (!main || !entry) throw new Error("the build has no chunk of console/main.ts");
        const needed = new Set<Rolldown.OutputChunk>();
        const add = (chunk: Rolldown.OutputChunk | undefined) => {
          if (!chunk || chunk.isEntry || needed.has(chunk)) return;
          needed.add(chunk);
          for (const file of chunk.imports) add(chunks.find((c) => c.fileName === file));
        };
        add(main);
        const link = (attrs: Record<string, string | boolean>) => ({ tag: "link", attrs, injectTo: "head" as const });
        return [...needed].flatMap((chunk) => [
          // What the entry itself imports is named already.
          ...(entry.imports.includes(chunk.fileName)
            ? []
            : [link({ rel: "modulepreload", crossorigin: true, href: `/${chunk.fileName}` })]),
          ...[...(chunk.viteMetadata?.importedCss ?? [])].map((file) =>
            link({ rel: "preload", as: "style", crossorigin: true, href: `/${file}` }),
          ),
        ]);
      },
    },
  };
}
