// Sends deliveries in a separate process, so that it does not take CPU time of the server.
import { answerMessages, sendToParent } from "../child.js";
import { type Load, sendSmall } from "../load/send-small.js";
import { type Upload, upload } from "../load/upload.js";

sendToParent({ ready: true });

answerMessages((request: Load | Upload) => ("uploads" in request ? upload(request) : sendSmall(request)));
