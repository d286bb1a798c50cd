import kit from "element-plus/es/locale/lang/en";
import sentences from "./en.json";

/** All that is said in English: the pages' sentences, and the kit's own. */
export default { sentences, kit };
