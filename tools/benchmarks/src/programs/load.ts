// Sends deliveries, in a process of its own so that it does not take the server's time.
import { answer, tell } from "../child.js";
import { type Load, sendSmall } from "../load/small.js";
import { type Upload, upload } from "../load/large.js";

tell({ ready: true });

answer((order: Load | Upload) => ("uploads" in order ? upload(order) : sendSmall(order)));
