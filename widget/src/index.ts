/** The script that a page loads. Its tag is known only while its first lines run. */
import { startOnPage } from './embed/page.ts';

startOnPage(document.currentScript);
