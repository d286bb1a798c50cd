import kit from "element-plus/es/locale/lang/zh-cn";
import sentences from "./zh.json";

/** All that is said in Chinese: the pages' sentences, and the kit's own. */
export default { sentences, kit };
