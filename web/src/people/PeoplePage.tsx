import { Outlet, useParams } from "@tanstack/react-router";
import { Figures } from "../overview/Figures.tsx";
import { PeopleList } from "./PeopleList.tsx";

/** Figures on top, people on the left, the chosen person (or the overview) beside them. */
export function PeoplePage() {
  const { id } = useParams({ strict: false });
  return (
    <div className={id ? "people-page has-person" : "people-page"}>
      <Figures />
      <div className="people-columns">
        <PeopleList chosen={id ?? null} />
        <div className="detail">
          <Outlet />
        </div>
      </div>
    </div>
  );
}
