import { Outlet, useParams } from "@tanstack/react-router";
import { PeopleList } from "./PeopleList.tsx";

/** People on the left, the chosen person (or the audiences to choose from) beside them. */
export function PeoplePage() {
  const { id } = useParams({ strict: false });
  return (
    <div className={id ? "people-page has-person" : "people-page"}>
      <div className="people-columns">
        <PeopleList chosen={id ?? null} />
        <div className="detail">
          <Outlet />
        </div>
      </div>
    </div>
  );
}
