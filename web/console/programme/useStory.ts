import { getCurrentScope, onScopeDispose, ref } from "vue";
import { asProblem, Problem } from "../api/problem";

interface Story {
  /** Where it is moved to, if it is being moved. */
  to?: string;
  at?: string;
  failed?: string;
}
interface Ways {
  read: () => Promise<Story>;
  begin: (to: string) => Promise<Story>;
  /** It has arrived. */
  arrived: () => Promise<void> | void;
}
const EVERY = 700;
const SLOWEST = 15_000;

/** Follows a demo's clock while it is moved on, by one loop, which ends with the page and slows down while the server does not answer. */
export function useStory({ read, begin, arrived }: Ways) {
  const moving = ref<{ to: string; at: string } | null>(null);
  const failed = ref("");
  const problem = ref<Problem | null>(null);
  const beginning = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let following = false;
  let gone = false;
  if (getCurrentScope())
    onScopeDispose(() => {
      gone = true;
      clearTimeout(timer);
    });

  function follow(wait = 0): void {
    if (following && wait === 0) return;
    following = true;
    timer = setTimeout(() => void look(wait), wait);
  }
  async function look(waited: number): Promise<void> {
    const said = await read().catch((error: unknown) => asProblem(error));
    if (gone) return;
    if (said instanceof Problem) {
      if (said.status === 401 || said.status === 403) return stop(said);
      return follow(Math.min(SLOWEST, Math.max(EVERY, waited * 2)));
    }
    if (said.to) {
      moving.value = { to: said.to, at: said.at ?? "" };
      return follow(EVERY);
    }
    const moved = moving.value !== null;
    stop(null);
    if (!moved) return; // what became of an earlier move is no news
    failed.value = said.failed ?? "";
    await arrived();
  }
  function stop(why: Problem | null): void {
    following = false;
    moving.value = null;
    problem.value = why;
  }

  async function move(to: string): Promise<void> {
    if (beginning.value) return;
    beginning.value = true;
    failed.value = "";
    problem.value = null;
    try {
      const said = await begin(to);
      if (gone) return;
      moving.value = { to: said.to ?? to, at: said.at ?? "" };
      follow();
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      beginning.value = false;
    }
  }

  return { moving, failed, problem, beginning, move, follow };
}
