import { type Ref, ref } from "vue";
import { fetchOk } from "../api/client";
import { asProblem, type Problem } from "../api/problem";

/** Fetches a bulletin as a file, in the language of the page, and hands it to the browser. */
export function useDownload(
  query: Ref<Record<string, string | undefined>>,
  path: () => string = () => "/api/bulletin/file",
) {
  const busy = ref("");
  const problem = ref<Problem | null>(null);

  async function download(format: string): Promise<void> {
    busy.value = format;
    problem.value = null;
    try {
      const wanted = new URLSearchParams({ format });
      for (const [key, value] of Object.entries(query.value)) if (value) wanted.set(key, value);
      const reply = await fetchOk(`${path()}?${wanted}`);
      const name = /filename\*=utf-8''([^;]+)/i.exec(reply.headers.get("Content-Disposition") ?? "")?.[1];
      const url = URL.createObjectURL(await reply.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = name ? decodeURIComponent(name) : `bulletin.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = "";
    }
  }
  return { busy, problem, download };
}
