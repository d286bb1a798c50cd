// The phone's own drawer (IndexedDB): inspections as the server last gave them, answers and photos that have not arrived there.
import type { Answer, Form, View } from "../inspection/inspections";

export interface Kept {
  id: string;
  /** Whose phone it was: another account does not see it. */
  account: string;
  name: string;
  inspection: View;
  form: Form;
  /** When it was fetched, by the phone's clock. */
  saved: string;
}
export interface Waiting {
  id: string;
  inspection: string;
  account: string;
  answer: Answer;
  /** Why the server will not have it; it stays here until the person has read it. */
  refused?: string;
}
export interface Picture {
  id: string;
  inspection: string;
  account: string;
  item: string;
  blob: Blob;
  sent: boolean;
  refused?: string;
}

const STORES = ["inspections", "answers", "photos"] as const;
type Store = (typeof STORES)[number];
let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asking = indexedDB.open("linli-field", 1);
    asking.onupgradeneeded = () => {
      for (const name of STORES) {
        const store = asking.result.createObjectStore(name, { keyPath: "id" });
        if (name !== "inspections") store.createIndex("inspection", "inspection");
      }
    };
    asking.onsuccess = () => {
      // A newer version of the pages wants another drawer: this one must not stand in its way.
      asking.result.onversionchange = () => asking.result.close();
      done(asking.result);
    };
    asking.onerror = () => {
      opened = undefined;
      fail(asking.error);
    };
  });
  return opened;
}

/** One request in one transaction; done when it is really on disk. */
async function run<T>(store: Store, mode: IDBTransactionMode, ask: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  return new Promise((done, fail) => {
    const tx = db.transaction(store, mode);
    const request = ask(tx.objectStore(store));
    tx.oncomplete = () => done(request.result);
    tx.onabort = () => fail(tx.error ?? request.error);
    tx.onerror = () => fail(tx.error ?? request.error);
  });
}

const of = <T>(store: Store, inspection: string) =>
  run<T[]>(store, "readonly", (s) => s.index("inspection").getAll(inspection) as IDBRequest<T[]>);

export const box = {
  keep: (k: Kept) => run("inspections", "readwrite", (s) => s.put(k)),
  kept: (id: string) =>
    run<Kept | undefined>("inspections", "readonly", (s) => s.get(id) as IDBRequest<Kept | undefined>),
  all: () => run<Kept[]>("inspections", "readonly", (s) => s.getAll() as IDBRequest<Kept[]>),
  wait: (w: Waiting) => run("answers", "readwrite", (s) => s.put(w)),
  waiting: (inspection: string) => of<Waiting>("answers", inspection),
  arrived: (id: string) => run("answers", "readwrite", (s) => s.delete(id)),
  picture: (p: Picture) => run("photos", "readwrite", (s) => s.put(p)),
  pictures: (inspection: string) => of<Picture>("photos", inspection),
  dropPicture: (id: string) => run("photos", "readwrite", (s) => s.delete(id)),
  unsent: () => run<Waiting[]>("answers", "readonly", (s) => s.getAll() as IDBRequest<Waiting[]>),
  /** It is over and everything has arrived: nothing stays on the phone. */
  async forget(id: string): Promise<void> {
    for (const p of await box.pictures(id)) await box.dropPicture(p.id);
    for (const w of await box.waiting(id)) await box.arrived(w.id);
    await run("inspections", "readwrite", (s) => s.delete(id));
  },
};
