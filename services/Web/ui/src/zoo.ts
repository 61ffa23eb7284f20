import "./zoo.css";
import { copyButtons } from "./copy";
import { searchAsYouType } from "./search";

// Every page works without this; it only makes them quicker to use.
searchAsYouType();
copyButtons(document);
