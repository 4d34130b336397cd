// Sends deliveries, in a process of its own so that it does not take the server's time.
import { answerMessages, sendToParent } from "../child.js";
import { type Load, sendSmall } from "../load/send-small.js";
import { type Upload, upload } from "../load/upload.js";

sendToParent({ ready: true });

answerMessages((order: Load | Upload) => ("uploads" in order ? upload(order) : sendSmall(order)));
