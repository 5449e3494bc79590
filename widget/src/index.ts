/** The script that a page loads. Its tag is known only while its first lines run. */
import { startOnPage } from './embed/page.ts';

// An image with that name would stand in for the property of the document itself.
startOnPage(Reflect.get(Document.prototype, 'currentScript', document));
